module example.com/ledger

require example.com/money v1.2.0
