-- A shop's tables for MySQL and MariaDB (InnoDB), as a current shop has them, and what its installer leaves, without users.
-- No statement contains a semicolon inside a string, so splitting on ';' at a line end is fine.

CREATE TABLE `spy_locale` (
  `id_locale` integer NOT NULL AUTO_INCREMENT,
  `is_active` tinyint(1) DEFAULT 1 NOT NULL,
  `locale_name` varchar(5) NOT NULL,
  PRIMARY KEY (`id_locale`),
  UNIQUE INDEX `spy_locale-unique-locale_name` (`locale_name`),
  INDEX `spy_locale-index-locale_name` (`locale_name`)
) ENGINE=InnoDB;

CREATE TABLE `spy_user` (
  `id_user` integer NOT NULL AUTO_INCREMENT,
  `fk_locale` integer,
  `first_name` varchar(45) NOT NULL,
  `is_agent` tinyint(1),
  `is_merchant_agent` tinyint(1),
  `is_warehouse_user` tinyint(1),
  `last_login` timestamp NULL,
  `last_name` varchar(255) NOT NULL,
  `password` varchar(255) NOT NULL,
  `status` tinyint(10) DEFAULT 0 NOT NULL,
  `username` varchar(45) NOT NULL,
  `uuid` varchar(36),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  PRIMARY KEY (`id_user`),
  UNIQUE INDEX `spy_user-username` (`username`),
  UNIQUE INDEX `spy_user-unique-uuid` (`uuid`),
  INDEX `spy_user-fi_locale` (`fk_locale`),
  CONSTRAINT `spy_user-fk_locale` FOREIGN KEY (`fk_locale`) REFERENCES `spy_locale` (`id_locale`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_role` (
  `id_acl_role` integer NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `reference` varchar(255),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  PRIMARY KEY (`id_acl_role`),
  UNIQUE INDEX `spy_acl_role-reference` (`reference`),
  UNIQUE INDEX `spy_acl_role-name` (`name`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_group` (
  `id_acl_group` integer NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `reference` varchar(255),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  PRIMARY KEY (`id_acl_group`),
  UNIQUE INDEX `spy_acl_group-unique-reference` (`reference`),
  UNIQUE INDEX `spy_acl_group-name` (`name`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_rule` (
  `id_acl_rule` integer NOT NULL AUTO_INCREMENT,
  `fk_acl_role` integer NOT NULL,
  `action` varchar(45) NOT NULL,
  `bundle` varchar(60) NOT NULL,
  `controller` varchar(60) NOT NULL,
  `type` tinyint(10) NOT NULL,
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  PRIMARY KEY (`id_acl_rule`),
  INDEX `spy_acl_rule-fi_acl_role` (`fk_acl_role`),
  CONSTRAINT `spy_acl_rule-fk_acl_role` FOREIGN KEY (`fk_acl_role`) REFERENCES `spy_acl_role` (`id_acl_role`) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_user_has_group` (
  `fk_acl_group` integer NOT NULL,
  `fk_user` integer NOT NULL,
  PRIMARY KEY (`fk_acl_group`, `fk_user`),
  INDEX `spy_acl_user_has_group-fi_user` (`fk_user`),
  CONSTRAINT `spy_acl_user_has_group-fk_user` FOREIGN KEY (`fk_user`) REFERENCES `spy_user` (`id_user`) ON DELETE CASCADE,
  CONSTRAINT `spy_acl_user_has_group-fk_acl_group` FOREIGN KEY (`fk_acl_group`) REFERENCES `spy_acl_group` (`id_acl_group`) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_groups_has_roles` (
  `fk_acl_group` integer NOT NULL,
  `fk_acl_role` integer NOT NULL,
  PRIMARY KEY (`fk_acl_group`, `fk_acl_role`),
  INDEX `spy_acl_groups_has_roles-fi_acl_role` (`fk_acl_role`),
  CONSTRAINT `spy_acl_groups_has_roles-fk_acl_role` FOREIGN KEY (`fk_acl_role`) REFERENCES `spy_acl_role` (`id_acl_role`) ON DELETE CASCADE,
  CONSTRAINT `spy_acl_groups_has_roles-fk_acl_group` FOREIGN KEY (`fk_acl_group`) REFERENCES `spy_acl_group` (`id_acl_group`) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE `spy_user_archive` (
  `id_user` integer NOT NULL,
  `fk_locale` integer,
  `first_name` varchar(45) NOT NULL,
  `is_agent` tinyint(1),
  `is_merchant_agent` tinyint(1),
  `is_warehouse_user` tinyint(1),
  `last_login` timestamp NULL,
  `last_name` varchar(255) NOT NULL,
  `password` varchar(255) NOT NULL,
  `status` tinyint(10) DEFAULT 0 NOT NULL,
  `username` varchar(45) NOT NULL,
  `uuid` varchar(36),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  `archived_at` timestamp NULL,
  PRIMARY KEY (`id_user`),
  INDEX `spy_user-fi_locale` (`fk_locale`),
  INDEX `spy_user_archive_i_f86ef3` (`username`),
  INDEX `spy_user_archive_i_36c49e` (`uuid`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_role_archive` (
  `id_acl_role` integer NOT NULL,
  `name` varchar(255) NOT NULL,
  `reference` varchar(255),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  `archived_at` timestamp NULL,
  PRIMARY KEY (`id_acl_role`),
  INDEX `spy_acl_role_archive_i_d6e8ac` (`reference`),
  INDEX `spy_acl_role_archive_i_d94269` (`name`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_group_archive` (
  `id_acl_group` integer NOT NULL,
  `name` varchar(255) NOT NULL,
  `reference` varchar(255),
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  `archived_at` timestamp NULL,
  PRIMARY KEY (`id_acl_group`),
  INDEX `spy_acl_group_archive_i_d6e8ac` (`reference`),
  INDEX `spy_acl_group_archive_i_d94269` (`name`)
) ENGINE=InnoDB;

CREATE TABLE `spy_acl_rule_archive` (
  `id_acl_rule` integer NOT NULL,
  `fk_acl_role` integer NOT NULL,
  `action` varchar(45) NOT NULL,
  `bundle` varchar(60) NOT NULL,
  `controller` varchar(60) NOT NULL,
  `type` tinyint(10) NOT NULL,
  `created_at` timestamp NULL,
  `updated_at` timestamp NULL,
  `archived_at` timestamp NULL,
  PRIMARY KEY (`id_acl_rule`),
  INDEX `spy_acl_rule-fi_acl_role` (`fk_acl_role`)
) ENGINE=InnoDB;

-- What an installer leaves. The real one adds all locales in a fixed order, which gives these two their ids.
INSERT INTO `spy_locale` (`id_locale`, `is_active`, `locale_name`) VALUES (46, 1, 'de_DE'), (66, 1, 'en_US');
ALTER TABLE `spy_locale` AUTO_INCREMENT = 221;
INSERT INTO `spy_acl_group` (`name`, `reference`, `created_at`, `updated_at`)
  VALUES ('root_group', 'root_group', UTC_TIMESTAMP(), UTC_TIMESTAMP());
INSERT INTO `spy_acl_role` (`name`, `reference`, `created_at`, `updated_at`)
  VALUES ('root_role', 'root_role', UTC_TIMESTAMP(), UTC_TIMESTAMP());
INSERT INTO `spy_acl_rule` (`fk_acl_role`, `bundle`, `controller`, `action`, `type`, `created_at`, `updated_at`)
  SELECT `id_acl_role`, '*', '*', '*', 0, UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM `spy_acl_role`;
INSERT INTO `spy_acl_groups_has_roles` (`fk_acl_group`, `fk_acl_role`)
  SELECT `id_acl_group`, `id_acl_role` FROM `spy_acl_group`, `spy_acl_role`;
