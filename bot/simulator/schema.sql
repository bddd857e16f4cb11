CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL CHECK (direction IN ('outbound-api', 'outbound-reply', 'inbound')),
    handset TEXT NOT NULL,
    sender TEXT NOT NULL,
    service_sid TEXT,
    body TEXT NOT NULL,
    parts INTEGER NOT NULL,
    status TEXT NOT NULL,
    error_code INTEGER,
    spoken INTEGER NOT NULL DEFAULT 0,
    callback_url TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    sent_at REAL,
    webhook_status INTEGER
);
CREATE INDEX IF NOT EXISTS message_of_handset ON message (handset, id);
CREATE INDEX IF NOT EXISTS inbound_of_sender ON message (sender, id) WHERE direction = 'inbound';

CREATE TABLE IF NOT EXISTS step (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    status TEXT NOT NULL,
    error_code INTEGER,
    due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS step_due ON step (due_at);

CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    status TEXT NOT NULL,
    error_code INTEGER,
    due_at REAL NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    tried_at REAL,
    outcome INTEGER,
    problem TEXT
);
CREATE INDEX IF NOT EXISTS callback_of_message ON callback (message_id);
CREATE INDEX IF NOT EXISTS callback_due ON callback (due_at) WHERE taken = 0;

CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY,
    handset TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_due ON answer (due_at);

CREATE TABLE IF NOT EXISTS block (
    sender TEXT NOT NULL,
    handset TEXT NOT NULL,
    PRIMARY KEY (sender, handset)
) WITHOUT ROWID;
