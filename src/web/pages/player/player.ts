export {};

const main = document.querySelector("main");
const { default: Hls } = await import("hls.js");
if (main) main.textContent = String(Hls.isSupported());
