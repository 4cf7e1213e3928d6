CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0)) ENGINE=InnoDB;

INSERT INTO account VALUES
    (1, 1000), (2, 1000), (3, 1000), (4, 1000), (5, 1000), (6, 1000), (7, 1000), (8, 1000), (9, 1000), (10, 1000);

CREATE TABLE transfer (
    id INTEGER PRIMARY KEY AUTO_INCREMENT,
    from_account INTEGER NOT NULL,
    to_account INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    FOREIGN KEY (from_account) REFERENCES account (id),
    FOREIGN KEY (to_account) REFERENCES account (id)
) ENGINE=InnoDB;
