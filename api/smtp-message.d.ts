// What @landline/smtp/message declares to the public, made by `pnpm api`.

declare function compose(message: Message, circumstances: Circumstances): Composed;

interface Circumstances {
    now(): Date;
    random(bytes: number): Uint8Array;
}

interface Composed {
    readonly envelope: {
        readonly from: string;
        readonly to: readonly string[];
    };
    readonly messageId: string;
    readonly smtpUtf8: boolean;
    readonly size: number | undefined;
    readonly body: Iterable<Uint8Array>;
}

interface Message {
    readonly from: Addresses;
    readonly to?: Addresses | undefined;
    readonly cc?: Addresses | undefined;
    readonly bcc?: Addresses | undefined;
    readonly replyTo?: Addresses | undefined;
    readonly subject?: string | undefined;
    readonly text?: string | undefined;
    readonly html?: string | undefined;
    readonly attachments?: readonly Attachment[] | undefined;
    readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
    readonly messageId?: string | undefined;
    readonly date?: Date | undefined;
}

interface Attachment {
    readonly filename?: string | undefined;
    readonly content: Uint8Array | string;
    readonly contentType?: string | undefined;
}

declare function formatAddress({ local, domain }: Mailbox): string;

declare function parseAddresses(input: Addresses, what?: string): Mailbox[];

type Addresses = string | AddressObject | readonly (string | AddressObject)[];

interface AddressObject {
    readonly name?: string | undefined;
    readonly address: string;
}

interface Mailbox {
    readonly name: string;
    readonly local: string;
    readonly domain: string;
}

export {
    compose,
    type Circumstances,
    type Composed,
    type Message,
    type Attachment,
    formatAddress,
    parseAddresses,
    type Addresses,
    type AddressObject,
    type Mailbox,
};
