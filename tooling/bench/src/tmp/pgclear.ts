import pg from "pg";
export const contestant = async (scenario: string, { services }: any) => {
  const { hostname: host, port, database, users } = services.postgres;
  return { run: async () => {
    const c = new pg.Client({ host, port, database, user: users.trust.username, ssl: false }); await c.connect();
    await c.query("select 1"); await c.end(); return {operations:1,elapsedMs:1};
  }, close: () => {} };
};
