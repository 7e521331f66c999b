# Rights: one identity for each job, and roles that can add blobs but not delete them.
resource "azurerm_user_assigned_identity" "job" {
  for_each            = toset(["run", "verify"])
  name                = "${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

# The role Blob Data Contributor could also delete.
resource "azurerm_role_definition" "adds" {
  name        = "${local.name} adds blobs"
  scope       = azurerm_resource_group.this.id
  description = "Adds blobs, but cannot read or delete them."
  permissions {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    data_actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    ]
  }
  assignable_scopes = [azurerm_resource_group.this.id]
}

locals {
  adds  = azurerm_role_definition.adds.role_definition_resource_id
  reads = "/subscriptions/${data.azurerm_client_config.deployer.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  # Storage Blob Data Reader by its id, which is the same everywhere.
  may = {
    run_reads_deliveries = { who = "run", role = local.reads, bucket = "drop" }
    run_adds_releases    = { who = "run", role = local.adds, bucket = "publish" }
    run_adds_anchors     = { who = "run", role = local.adds, bucket = "audit" }
    verify_reads_anchors = { who = "verify", role = local.reads, bucket = "audit" }
  }
}

resource "azurerm_role_assignment" "job" {
  for_each           = local.may
  scope              = azurerm_storage_container.bucket[each.value.bucket].id
  role_definition_id = each.value.role
  principal_id       = azurerm_user_assigned_identity.job[each.value.who].principal_id
}

resource "azurerm_role_assignment" "sender" {
  for_each           = var.senders
  scope              = azurerm_storage_container.bucket["drop"].id
  role_definition_id = local.adds
  principal_id       = each.value
}

# Analysts read only below masked/.
resource "azurerm_role_assignment" "analyst" {
  for_each           = var.analysts
  scope              = azurerm_storage_container.bucket["publish"].id
  role_definition_id = local.reads
  principal_id       = each.value
  condition_version  = "2.0"
  condition          = <<-EOT
    (
      (
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})
      )
      OR
      (
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringStartsWith 'masked/'
      )
    )
  EOT
}

resource "azurerm_role_assignment" "secrets" {
  for_each = merge([
    for job, of in local.jobs : { for secret in of.secrets : "${job}-${secret}" => { job = job, secret = secret } }
  ]...)
  scope                = local.secret_scopes[each.value.secret]
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.job[each.value.job].principal_id
}

resource "azurerm_role_assignment" "pull" {
  for_each             = local.jobs
  scope                = var.registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.job[each.key].principal_id
}
