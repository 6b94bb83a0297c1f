// A slow origin: stands for the service, query or computation that you want to ask seldom. Replace it.

const TIME = 400;

/** What is so dear. */
export interface Report {
  readonly topic: string;
  readonly madeAt: string;
}

/** Takes its time. */
export async function makeReport(topic: string): Promise<Report> {
  await scheduler.wait(TIME);
  return { topic, madeAt: new Date().toISOString() };
}
