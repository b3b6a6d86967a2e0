-- The embedded database: the shop's own tables under their real names, for SQLite.
-- Columns, lengths and constraints are those of a current shop's MySQL tables. Three things are SQLite's own:
-- AUTOINCREMENT, so that an id is never used twice (a second archive row would meet the first), no separate
-- uuid/reference indexes where UNIQUE makes them, and the indexes at the end, for sorting and searching.

CREATE TABLE spy_locale (
  id_locale INTEGER PRIMARY KEY AUTOINCREMENT,
  is_active BOOLEAN NOT NULL DEFAULT 1,
  locale_name VARCHAR(5) NOT NULL UNIQUE
);

CREATE TABLE spy_user (
  id_user INTEGER PRIMARY KEY AUTOINCREMENT,
  fk_locale INTEGER REFERENCES spy_locale (id_locale),
  first_name VARCHAR(45) NOT NULL,
  is_agent BOOLEAN,
  is_merchant_agent BOOLEAN,
  is_warehouse_user BOOLEAN,
  last_login DATETIME,
  last_name VARCHAR(255) NOT NULL,
  password VARCHAR(255) NOT NULL,
  status SMALLINT NOT NULL DEFAULT 0,
  username VARCHAR(45) NOT NULL UNIQUE,
  uuid VARCHAR(36) UNIQUE,
  created_at DATETIME,
  updated_at DATETIME
);

CREATE TABLE spy_acl_role (
  id_acl_role INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(255) NOT NULL UNIQUE,
  reference VARCHAR(255) UNIQUE,
  created_at DATETIME,
  updated_at DATETIME
);

CREATE TABLE spy_acl_group (
  id_acl_group INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(255) NOT NULL UNIQUE,
  reference VARCHAR(255) UNIQUE,
  created_at DATETIME,
  updated_at DATETIME
);

CREATE TABLE spy_acl_rule (
  id_acl_rule INTEGER PRIMARY KEY AUTOINCREMENT,
  fk_acl_role INTEGER NOT NULL REFERENCES spy_acl_role (id_acl_role) ON DELETE CASCADE,
  action VARCHAR(45) NOT NULL,
  bundle VARCHAR(60) NOT NULL,
  controller VARCHAR(60) NOT NULL,
  type SMALLINT NOT NULL,
  created_at DATETIME,
  updated_at DATETIME
);

CREATE TABLE spy_acl_user_has_group (
  fk_acl_group INTEGER NOT NULL REFERENCES spy_acl_group (id_acl_group) ON DELETE CASCADE,
  fk_user INTEGER NOT NULL REFERENCES spy_user (id_user) ON DELETE CASCADE,
  PRIMARY KEY (fk_acl_group, fk_user)
) WITHOUT ROWID;

CREATE TABLE spy_acl_groups_has_roles (
  fk_acl_group INTEGER NOT NULL REFERENCES spy_acl_group (id_acl_group) ON DELETE CASCADE,
  fk_acl_role INTEGER NOT NULL REFERENCES spy_acl_role (id_acl_role) ON DELETE CASCADE,
  PRIMARY KEY (fk_acl_group, fk_acl_role)
) WITHOUT ROWID;

CREATE TABLE spy_user_archive (
  id_user INTEGER PRIMARY KEY,
  fk_locale INTEGER,
  first_name VARCHAR(45) NOT NULL,
  is_agent BOOLEAN,
  is_merchant_agent BOOLEAN,
  is_warehouse_user BOOLEAN,
  last_login DATETIME,
  last_name VARCHAR(255) NOT NULL,
  password VARCHAR(255) NOT NULL,
  status SMALLINT NOT NULL DEFAULT 0,
  username VARCHAR(45) NOT NULL,
  uuid VARCHAR(36),
  created_at DATETIME,
  updated_at DATETIME,
  archived_at DATETIME
);

CREATE TABLE spy_acl_role_archive (
  id_acl_role INTEGER PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  reference VARCHAR(255),
  created_at DATETIME,
  updated_at DATETIME,
  archived_at DATETIME
);

CREATE TABLE spy_acl_group_archive (
  id_acl_group INTEGER PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  reference VARCHAR(255),
  created_at DATETIME,
  updated_at DATETIME,
  archived_at DATETIME
);

CREATE TABLE spy_acl_rule_archive (
  id_acl_rule INTEGER PRIMARY KEY,
  fk_acl_role INTEGER NOT NULL,
  action VARCHAR(45) NOT NULL,
  bundle VARCHAR(60) NOT NULL,
  controller VARCHAR(60) NOT NULL,
  type SMALLINT NOT NULL,
  created_at DATETIME,
  updated_at DATETIME,
  archived_at DATETIME
);

CREATE INDEX "spy_user-fi_locale" ON spy_user (fk_locale);
CREATE INDEX "spy_acl_rule-fi_acl_role" ON spy_acl_rule (fk_acl_role);
CREATE INDEX "spy_acl_user_has_group-fi_user" ON spy_acl_user_has_group (fk_user);
CREATE INDEX "spy_acl_groups_has_roles-fi_acl_role" ON spy_acl_groups_has_roles (fk_acl_role);

-- Lists are sorted without case; a page is read by key, along one of these.
CREATE INDEX "spy_acl_group-list-name" ON spy_acl_group (name COLLATE NOCASE);
CREATE INDEX "spy_acl_group-list-created_at" ON spy_acl_group (created_at);
CREATE INDEX "spy_acl_role-list-name" ON spy_acl_role (name COLLATE NOCASE);
CREATE INDEX "spy_acl_role-list-created_at" ON spy_acl_role (created_at);
CREATE INDEX "spy_user-list-username" ON spy_user (username COLLATE NOCASE);
CREATE INDEX "spy_user-list-first_name" ON spy_user (first_name COLLATE NOCASE);
CREATE INDEX "spy_user-list-last_name" ON spy_user (last_name COLLATE NOCASE);
CREATE INDEX "spy_user-list-last_login" ON spy_user (last_login);
CREATE INDEX "spy_user-list-status" ON spy_user (status);

-- What an installer leaves. The real one adds all locales in a fixed order, which gives these two their ids.
INSERT INTO spy_locale (id_locale, is_active, locale_name) VALUES (46, 1, 'de_DE'), (66, 1, 'en_US');
INSERT INTO spy_acl_group (name, reference, created_at, updated_at)
  VALUES ('root_group', 'root_group', datetime('now'), datetime('now'));
INSERT INTO spy_acl_role (name, reference, created_at, updated_at)
  VALUES ('root_role', 'root_role', datetime('now'), datetime('now'));
INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type, created_at, updated_at)
  VALUES (1, '*', '*', '*', 0, datetime('now'), datetime('now'));
INSERT INTO spy_acl_groups_has_roles (fk_acl_group, fk_acl_role) VALUES (1, 1);
