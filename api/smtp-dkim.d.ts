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
    readonly dsn: ReportParameters | undefined;
    readonly size: number | undefined;
    readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
    readonly segments: readonly Segment[];
}

interface Lazy {
    readonly size: number | undefined;
    readonly replayable: boolean;
    open(): AsyncIterable<Uint8Array>;
}

type Notify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

interface ReportParameters {
    readonly ret: "FULL" | "HDRS" | undefined;
    readonly envid: string | undefined;
    readonly recipients: readonly {
        readonly notify: readonly Notify[] | undefined;
        readonly orcpt: string | undefined;
    }[];
}

type Segment = Uint8Array | Lazy;

export {
    dkim,
    type DkimOptions,
    type PrivateKey,
};
