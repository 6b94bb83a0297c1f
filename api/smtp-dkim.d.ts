// What @landline/smtp/dkim declares to the public, made by `pnpm api`.

declare function dkim(options: DkimOptions): (message: Composed) => Promise<Composed>;

interface DkimOptions {
    readonly domain: string;
    readonly keys: readonly {
        readonly selector: string;
        readonly privateKey: string | PrivateKey;
    }[];
    readonly headers?: readonly string[];
}

interface PrivateKey {
    readonly type: string;
    readonly algorithm: {
        readonly name: string;
    };
}

interface Composed {
    readonly envelope: {
        readonly from: string;
        readonly to: readonly string[];
    };
    readonly messageId: string;
    readonly smtpUtf8: boolean;
    readonly eightBit: boolean;
    readonly requireTls: boolean;
    readonly dsn: Dsn | undefined;
    readonly size: number | undefined;
    readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
    readonly segments: readonly Segment[];
}

interface Dsn {
    readonly mail: readonly string[];
    readonly rcpt: readonly (readonly string[])[];
}

interface Lazy {
    readonly size: number | undefined;
    readonly replayable: boolean;
    open(): AsyncIterable<Uint8Array>;
}

type Segment = Uint8Array | Lazy;

export {
    dkim,
    type DkimOptions,
    type PrivateKey,
};
