# One key for each purpose, and two secrets whose values are never in Terraform's state.
resource "azurerm_key_vault" "this" {
  name                          = "${local.short}kv"
  resource_group_name           = azurerm_resource_group.this.name
  location                      = var.location
  tenant_id                     = data.azurerm_client_config.deployer.tenant_id
  sku_name                      = "premium"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = false
  tags                          = local.tags
  network_acls {
    default_action = "Deny"
    bypass         = "AzureServices"
  }
}

resource "azurerm_key_vault_key" "this" {
  for_each        = toset(["drop", "publish", "audit", "home"])
  name            = each.key
  key_vault_id    = azurerm_key_vault.this.id
  key_type        = "RSA-HSM"
  key_size        = 3072
  key_opts        = ["wrapKey", "unwrapKey"]
  expiration_date = timeadd(plantimestamp(), "17520h")
  rotation_policy {
    expire_after         = "P2Y"
    notify_before_expiry = "P30D"
    automatic {
      time_after_creation = "P1Y"
    }
  }
  lifecycle {
    # Each renewal sets a new date.
    ignore_changes = [expiration_date]
  }
}

ephemeral "random_password" "key" {
  for_each = toset(["encryption", "masking"])
  length   = 64
  special  = false
}

# People decide on a new value of either (docs/encryption.md): then raise the version.
resource "azurerm_key_vault_secret" "encryption" {
  # checkov:skip=CKV_AZURE_41: An expired key could not read what it encrypted.
  name             = "encryption-key"
  key_vault_id     = azurerm_key_vault.this.id
  value_wo         = sha256(ephemeral.random_password.key["encryption"].result)
  value_wo_version = 1
  content_type     = "64 hexadecimal digits"
}

resource "azurerm_key_vault_secret" "masking" {
  # checkov:skip=CKV_AZURE_41: A new one gives everybody a new pseudonym.
  name             = "masking-key"
  key_vault_id     = azurerm_key_vault.this.id
  value_wo         = ephemeral.random_password.key["masking"].result
  value_wo_version = 1
  content_type     = "text"
}
