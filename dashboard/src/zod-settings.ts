import { z } from "zod";

// The content security policy forbids eval; without this zod would try it once and leave a violation in the console.
// Stands in a module of its own, imported first, because schemas look at it when they are made.
z.config({ jitless: true });
