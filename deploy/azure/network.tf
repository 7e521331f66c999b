# No access from outside or to the internet: services are reached through private endpoints.
resource "azurerm_virtual_network" "this" {
  name                = local.name
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  address_space       = ["10.20.0.0/22"]
  tags                = local.tags
}

resource "azurerm_subnet" "jobs" {
  name                            = "jobs"
  resource_group_name             = azurerm_resource_group.this.name
  virtual_network_name            = azurerm_virtual_network.this.name
  address_prefixes                = ["10.20.0.0/23"]
  default_outbound_access_enabled = false
  delegation {
    name = "jobs"
    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet" "endpoints" {
  name                              = "endpoints"
  resource_group_name               = azurerm_resource_group.this.name
  virtual_network_name              = azurerm_virtual_network.this.name
  address_prefixes                  = ["10.20.2.0/24"]
  default_outbound_access_enabled   = false
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_network_security_group" "jobs" {
  name                = "${local.name}-jobs"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags

  dynamic "security_rule" {
    # Allow what Container Apps needs, and the endpoints; deny everything else.
    for_each = {
      endpoints = { priority = 100, tag = "10.20.2.0/24", ports = ["443", "2049"] }
      platform  = { priority = 110, tag = "MicrosoftContainerRegistry", ports = ["443"] }
      frontdoor = { priority = 120, tag = "AzureFrontDoor.FirstParty", ports = ["443"] }
      identity  = { priority = 130, tag = "AzureActiveDirectory", ports = ["443"] }
      logs      = { priority = 140, tag = "AzureMonitor", ports = ["443"] }
    }
    content {
      name                       = security_rule.key
      priority                   = security_rule.value.priority
      direction                  = "Outbound"
      access                     = "Allow"
      protocol                   = "Tcp"
      source_address_prefix      = "10.20.0.0/23"
      source_port_range          = "*"
      destination_address_prefix = security_rule.value.tag
      destination_port_ranges    = security_rule.value.ports
    }
  }

  security_rule {
    name                       = "nothing-else-out"
    priority                   = 4000
    direction                  = "Outbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "Internet"
    destination_port_range     = "*"
  }

  security_rule {
    name                       = "nothing-in"
    priority                   = 4001
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "Internet"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "jobs" {
  subnet_id                 = azurerm_subnet.jobs.id
  network_security_group_id = azurerm_network_security_group.jobs.id
}

resource "azurerm_network_security_group" "endpoints" {
  name                = "${local.name}-endpoints"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  subnet_id                 = azurerm_subnet.endpoints.id
  network_security_group_id = azurerm_network_security_group.endpoints.id
}

locals {
  endpoints = merge(
    { for name in local.buckets : name => { id = azurerm_storage_account.bucket[name].id, part = "blob" } },
    {
      home     = { id = azurerm_storage_account.home.id, part = "file" }
      vault    = { id = azurerm_key_vault.this.id, part = "vault" }
      registry = { id = var.registry_id, part = "registry" }
    },
  )
  zones = {
    blob     = "privatelink.blob.core.windows.net"
    file     = "privatelink.file.core.windows.net"
    vault    = "privatelink.vaultcore.azure.net"
    registry = "privatelink.azurecr.io"
  }
}

resource "azurerm_private_dns_zone" "this" {
  for_each            = local.zones
  name                = each.value
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each              = local.zones
  name                  = each.key
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = azurerm_private_dns_zone.this[each.key].name
  virtual_network_id    = azurerm_virtual_network.this.id
}

resource "azurerm_private_endpoint" "this" {
  for_each            = local.endpoints
  name                = "${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  subnet_id           = azurerm_subnet.endpoints.id
  tags                = local.tags
  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.id
    subresource_names              = [each.value.part]
    is_manual_connection           = false
  }
  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [azurerm_private_dns_zone.this[each.value.part].id]
  }
}
