import { postgres } from "@landline/postgres";
import { dial } from "@landline/core";
import { requestTls } from "@landline/postgres/wire";
const v = "dialonly";
export const contestant = async (scenario: string, { services }: any) => {
  const { hostname: host, port, database, users } = services.postgres;
  const user = v.endsWith("trust") ? users.trust : users.scram;
  return { run: async () => {
    if (v === "dialonly" || v === "tlsonly") { const t = await dial({ hostname: host, port }, { tls: v === "tlsonly" ? "starttls" : "off", negotiate: requestTls } as any); t.abort(); return {operations:1,elapsedMs:1}; }
    const sql = postgres({ host, port, database, user: user.username, password: user.password, tls: v.startsWith("tls") ? "starttls" : "off", max: 1 });
    await sql`select 1`; await sql.end({ timeout: 0 }); return {operations:1,elapsedMs:1};
  }, close: () => {} };
};
