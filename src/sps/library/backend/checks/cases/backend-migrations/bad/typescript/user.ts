@Entity("users")
export class User {}
