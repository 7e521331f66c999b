# Deliveries, releases and anchors, each an account with its own key; and the files of the home.
resource "azurerm_user_assigned_identity" "encryption" {
  name                = "${local.name}-encryption"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "encryption" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = azurerm_user_assigned_identity.encryption.principal_id
}

resource "azurerm_storage_account" "bucket" {
  # checkov:skip=CKV_AZURE_33: There are no queues.
  # checkov:skip=CKV2_AZURE_33: Their endpoints are in network.tf, by a map that it does not follow.
  for_each                          = local.buckets
  name                              = "${local.short}${each.key}"
  resource_group_name               = azurerm_resource_group.this.name
  location                          = var.location
  account_tier                      = "Standard"
  account_replication_type          = "GZRS"
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  public_network_access_enabled     = false
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  local_user_enabled                = false
  default_to_oauth_authentication   = true
  infrastructure_encryption_enabled = true
  cross_tenant_replication_enabled  = false
  allowed_copy_scope                = "PrivateLink"
  tags                              = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.encryption.id]
  }
  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.this[each.key].versionless_id
    user_assigned_identity_id = azurerm_user_assigned_identity.encryption.id
  }
  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
  }
  sas_policy {
    expiration_period = "00.01:00:00"
    expiration_action = "Block"
  }
  blob_properties {
    versioning_enabled = true
    delete_retention_policy {
      days = 90
    }
    container_delete_retention_policy {
      days = 90
    }
  }
  depends_on = [azurerm_role_assignment.encryption]
}

resource "azurerm_storage_container" "bucket" {
  # checkov:skip=CKV2_AZURE_21: Reads are logged by the diagnostic settings of logs.tf.
  for_each              = local.buckets
  name                  = each.key
  storage_account_id    = azurerm_storage_account.bucket[each.key].id
  container_access_type = "private"
}

resource "azurerm_storage_container_immutability_policy" "audit" {
  storage_container_resource_manager_id = azurerm_storage_container.bucket["audit"].id
  immutability_period_in_days           = var.object_lock_days
  protected_append_writes_enabled       = false
  # Once locked, nobody can shorten it, not even the administrator of the subscription.
  locked = var.stage == "production"
}

# retention_weeks of dbt_project.yml plus 90 days; answers expire after a day.
resource "azurerm_storage_management_policy" "forgotten" {
  for_each           = toset(["drop", "publish"])
  storage_account_id = azurerm_storage_account.bucket[each.key].id
  rule {
    name    = "forgotten"
    enabled = true
    filters {
      blob_types = ["blockBlob"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 728
      }
      version {
        delete_after_days_since_creation = 90
      }
    }
  }
  rule {
    name    = "answers"
    enabled = true
    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["publish/answers/"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 1
      }
      version {
        delete_after_days_since_creation = 1
      }
    }
  }
}

# NFS, because the warehouse needs locks that Azure's SMB does not offer to containers. NFS has no
# HTTPS; it is reached only through the private endpoint, and the project's key encrypts the home.
resource "azurerm_storage_account" "home" {
  # checkov:skip=CKV_AZURE_3: NFS has no HTTPS; see above.
  # checkov:skip=CKV_AZURE_33: There are no queues.
  # checkov:skip=CKV_AZURE_206: Premium files replicate within the region; backups go elsewhere.
  # checkov:skip=CKV2_AZURE_38: It holds no blobs.
  name                              = "${local.short}home"
  resource_group_name               = azurerm_resource_group.this.name
  location                          = var.location
  account_kind                      = "FileStorage"
  account_tier                      = "Premium"
  account_replication_type          = "ZRS"
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = false
  public_network_access_enabled     = false
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  local_user_enabled                = false
  infrastructure_encryption_enabled = true
  cross_tenant_replication_enabled  = false
  tags                              = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.encryption.id]
  }
  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.this["home"].versionless_id
    user_assigned_identity_id = azurerm_user_assigned_identity.encryption.id
  }
  network_rules {
    default_action = "Deny"
  }
  sas_policy {
    expiration_period = "00.01:00:00"
    expiration_action = "Block"
  }
  share_properties {
    retention_policy {
      days = 35
    }
  }
  depends_on = [azurerm_role_assignment.encryption]
}

resource "azurerm_storage_share" "home" {
  name               = "home"
  storage_account_id = azurerm_storage_account.home.id
  enabled_protocol   = "NFS"
  quota              = 128
}
