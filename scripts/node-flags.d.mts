export const NODE_FLAGS: { server: string[]; agent: string[] };
