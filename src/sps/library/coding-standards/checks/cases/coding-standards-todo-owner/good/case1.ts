// TODO(ana): faster
// TODO: see https://tracker.example/7
const x = 1;
