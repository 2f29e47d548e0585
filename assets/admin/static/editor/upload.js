// Files to the media library, with progress.

const LIBRARY = "/admin/media";

/** Gives what the library says of the file; fails with words for the writer. */
export function upload(file, progress) {
  const body = new FormData();
  body.append("file", file);
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", LIBRARY);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress?.(event.loaded / event.total));
    request.addEventListener("load", () => (request.status === 201 ? done(request.response) : fail(new Error(trouble(request)))));
    request.addEventListener("error", () => fail(new Error("The server could not be reached. Try again when you are online.")));
    request.send(body);
  });
}

function trouble({ status, response }) {
  if (status === 401) return "You are signed out. Sign in, then add it again.";
  return response?.detail ?? response?.title ?? `The server refused it (${status}).`;
}

export async function library(words, page) {
  const address = `${LIBRARY}?${new URLSearchParams({ format: "json", q: words, page })}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The library does not answer. Try again in a moment.");
  return answer.json();
}

/** The system's own window for choosing files. */
export function askForFiles(take, accept = "", multiple = true) {
  const field = document.createElement("input");
  Object.assign(field, { type: "file", accept, multiple });
  field.addEventListener("change", () => take([...field.files]));
  field.click();
}
