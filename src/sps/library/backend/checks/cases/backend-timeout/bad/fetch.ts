export async function rate(code: string) {
  const answer = await fetch(`https://rates.example/${code}`);
  return answer.json();
}
