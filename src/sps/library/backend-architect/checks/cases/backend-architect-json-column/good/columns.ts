export class Order {
  @Column("text")
  giftNote!: string;
}
