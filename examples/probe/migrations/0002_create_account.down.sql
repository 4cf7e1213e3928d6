DROP TABLE transfer;
DROP TABLE account;
