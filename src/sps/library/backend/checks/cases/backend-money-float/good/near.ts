export class Order {
  @Column("float")
  weight!: number;

  @Column("numeric")
  price!: string;
}
