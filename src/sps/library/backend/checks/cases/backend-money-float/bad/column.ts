export class Order {
  @Column("float")
  price!: number;
}
