export async function rate(code: string) {
  const answer = await fetch(`https://rates.example/${code}`, { signal: AbortSignal.timeout(5_000) });
  return answer.json();
}
