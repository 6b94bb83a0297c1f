const worker: ExportedHandler = { fetch: () => new Response("later") };
export default worker;
