// The reference client of tus: FILE to ENDPOINT, in pieces of SIZE. With "break" it gives up after the second piece and
// goes on in a new upload object from the URL that it had.
import fs from "node:fs";
import { Upload } from "tus-js-client";

const [file, endpoint, size, mode] = process.argv.slice(2);

function send(options) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(fs.createReadStream(file), {
      endpoint,
      chunkSize: Number(size),
      retryDelays: [0, 100, 1000],
      metadata: { filename: "not for the server" },
      ...options(() => upload, resolve),
      onError: reject,
    });
    upload.start();
  });
}

let url = null;
if (mode === "break") {
  let pieces = 0;
  url = await send((upload, resolve) => ({
    onChunkComplete: () => {
      pieces += 1;
      if (pieces === 2) {
        const at = upload().url;
        upload().abort().then(() => resolve(at));
      }
    },
  }));
}
url = await send((upload, resolve) => ({ uploadUrl: url, onSuccess: () => resolve(upload().url) }));
console.log(url);
