-- The heads of chains are found by index: the plan that the function keeps is made while the table is small, and would
-- otherwise read all of it, each row against each key, in every checkpoint for as long as the connection lives.

alter function log_heads_of(text[]) set enable_seqscan = off;
