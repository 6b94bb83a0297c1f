// Prisma in workerd, where its query compiler is a module of WebAssembly.

import { prismaTests, type PrismaModule } from "./cases.ts";
import { ours } from "./ours.ts";
import { ownTests } from "./own-cases.ts";

// The file is made before the tests run, and is not there for the type checker.
const generated = (await import("./workerd.gen/client.ts" as string)) as PrismaModule;

prismaTests("over the sql client", ours(generated));
ownTests(generated);
