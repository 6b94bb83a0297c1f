// What @landline/core/testing/proxy declares to the public, made by `pnpm api`.

declare function startBlackHole(): Promise<BlackHole>;

interface BlackHole extends AsyncDisposable {
    readonly hostname: string;
    readonly port: number;
    close(): Promise<void>;
}

interface Faults {
    readonly delay?: number;
    readonly bytesPerSecond?: number;
    readonly chunkBytes?: number;
    readonly splitAt?: readonly number[];
    readonly stallAt?: number;
    readonly stallFor?: number;
    readonly endAt?: number;
    readonly resetAt?: number;
    readonly corrupt?: Readonly<Record<number, number>>;
}

interface Plan {
    readonly toServer?: Faults;
    readonly toClient?: Faults;
    readonly refuse?: "silent" | "reset";
}

interface PlannedConnection {
    readonly index: number;
    readonly random: Random;
}

interface ProxyOptions {
    readonly target: AnySocketAddress;
    readonly plan?: Plan | ((connection: PlannedConnection) => Plan);
    readonly seed?: number;
}

interface ProxyStats {
    readonly connections: number;
    readonly open: number;
    readonly sockets: number;
    readonly bytesToServer: number;
    readonly bytesToClient: number;
}

interface FaultProxy extends AsyncDisposable {
    readonly hostname: string;
    readonly port: number;
    stats(): ProxyStats;
    setPlan(plan: NonNullable<ProxyOptions["plan"]>): void;
    resetAll(): void;
    close(): Promise<void>;
}

declare function startProxy(options: ProxyOptions): Promise<FaultProxy>;

type AnySocketAddress = SocketAddress | string;

type Random = () => number;

interface SocketAddress {
    readonly hostname: string;
    readonly port: number;
}

export {
    startBlackHole,
    type BlackHole,
    type Faults,
    Plan,
    PlannedConnection,
    ProxyOptions,
    ProxyStats,
    FaultProxy,
    startProxy,
};
