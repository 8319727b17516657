async function drain(stream: AsyncIterable<Row>) {
  for await (const row of stream) await store.save(row);
  for (const id of ids) later.push(async () => { await fetchUser(id); });
  for (const mirror of mirrors) {
    const answer = await ask(mirror);
    if (answer.ok) return answer;
  }
}
