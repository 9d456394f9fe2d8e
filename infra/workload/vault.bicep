metadata description = 'Key Vault: secrets by Azure RBAC, never lost by accident, reached from the network only.'

import { tagsType } from '../shared/names.bicep'
import { roles } from '../shared/roles.bicep'
import { principalsType } from 'store.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the vault: 3 to 24 letters, digits and dashes.')
@minLength(3)
@maxLength(24)
param name string

@description('Principal ids of the identities of silos and gateways, which read secrets.')
param principals principalsType

@description('Principal id of the application-routing add-on, which reads certificates.')
param routingPrincipalId string

@description('Object ids of Entra groups whose members put secrets in.')
param officerGroupIds string[]

@description('Resource id of the subnet of its private endpoint.')
param subnetId string

@description('Resource id of the private DNS zone of vaults.')
param privateZoneId string

@description('Name of Application Insights, whose connection string becomes a secret.')
param applicationInsightsName string

@description('Resource group of Application Insights.')
param platformGroupName string

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: 'Disabled'
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
  scope: resourceGroup(platformGroupName)
}

resource connectionString 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'application-insights'
  tags: tags
  properties: { value: applicationInsights.properties.ConnectionString, contentType: 'APPLICATIONINSIGHTS_CONNECTION_STRING' }
}

resource siloReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, 'silo', roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principals.silo
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource gatewayReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, 'gateway', roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principals.gateway
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource routingReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, 'application-routing', roles.keyVaultCertificateUser)
  scope: vault
  properties: {
    principalId: routingPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultCertificateUser)
  }
}

resource officers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for group in officerGroupIds: {
    name: guid(vault.id, group, roles.keyVaultSecretsOfficer)
    scope: vault
    properties: {
      principalId: group
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsOfficer)
    }
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [{ name: 'vault', properties: { privateLinkServiceId: vault.id, groupIds: ['vault'] } }]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'vault', properties: { privateDnsZoneId: privateZoneId } }] }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id of the vault.')
output id string = vault.id

@description('Chart value keyVault.name.')
output name string = vault.name

@description('Address of the vault.')
output uri string = vault.properties.vaultUri
