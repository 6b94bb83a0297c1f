import { smtp } from "@landline/smtp";
import type { Services } from "./services.ts";

export async function use(services: Services): Promise<string> {
  await using mail = smtp(services.smtp.starttlsUrl);
  const receipt = await mail.send({
    from: "host@landline.test",
    to: ["first@landline.test", "second@landline.test"],
    subject: "Installed alone",
    text: "It works.",
  });
  return `accepted by ${receipt.accepted.length}`;
}
