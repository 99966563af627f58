// What a bundler for browsers gets for `oath-ws`. CommonJS, so that the names that a program
// imports are looked up when it runs, and it fails with this sentence instead of one about a
// missing name.
throw new Error(
  "oath-ws opens sockets of Node and cannot run in a browser: use openWeb of @oath-ws/web there",
);
