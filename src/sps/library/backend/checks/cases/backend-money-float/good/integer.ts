export class Order {
  @Column("integer")
  amount!: number;
}
