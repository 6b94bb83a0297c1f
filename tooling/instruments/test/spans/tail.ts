// A streaming Tail Worker that keeps what it hears, for whoever asks it.

interface TailEvent {
  readonly spanContext: { readonly spanId?: string };
  readonly event: unknown;
}

const heard: TailEvent[] = [];

export default {
  fetch: (): Response => Response.json(heard),
  tailStream(onset: TailEvent): (event: TailEvent) => void {
    heard.push(onset);
    return ({ spanContext, event }) => void heard.push({ spanContext, event });
  },
};
