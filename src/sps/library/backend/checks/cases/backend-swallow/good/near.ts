export function close(conn: Conn) {
  try {
    conn.close();
  } catch {
    // the peer closed first: nothing is left to do
  }
}
