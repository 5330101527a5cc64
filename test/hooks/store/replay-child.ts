import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";

// A command line beside the server: sends dead letters again as they come, until it has sent as many as it was told to.

const [directory = "", wanted = "0"] = process.argv.slice(2);
const until = performance.now() + 20_000;
let sent = 0;
using letters = DeadLetters.open(directory);
while (sent < Number(wanted) && performance.now() < until) sent += letters.replay({ hookId: "a" });
process.stdout.write(`${sent}\n`);
