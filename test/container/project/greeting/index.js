export const greeting = "from a dependency";
