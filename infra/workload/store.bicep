metadata description = 'Azure Cosmos DB: one database, and the containers of shared/containers.json, reached by identity and from the network only.'

import { tagsType } from '../shared/names.bicep'

@description('Azure region, which is the one that is written to.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the account: 3 to 44 small letters, digits and dashes.')
@minLength(3)
@maxLength(44)
param name string

@description('Whether its data is replicated over availability zones.')
param zoneRedundant bool

@description('A region that takes over when the first is lost. Empty: there is none. Only one region is written to, whatever there is.')
param secondRegion string

@description('How throughput is paid for.')
param throughput throughputType

@description('How long every moment can be restored.')
@allowed(['Continuous7Days', 'Continuous30Days'])
param backup string

@description('Principal ids of the identities of silos and gateways.')
param principals principalsType

@description('Resource id of the subnet of its private endpoint.')
param subnetId string

@description('Resource id of the private DNS zone of stores.')
param privateZoneId string

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

@export()
@description('How throughput is paid for: by request; as one budget of all containers; or with budgets of their own for those marked as dedicated, the others sharing one.')
@discriminator('mode')
type throughputType = serverlessType | sharedType | dedicatedType

type serverlessType = { mode: 'serverless' }

type sharedType = {
  mode: 'shared'
  @description('Most RU/s of all containers together; a tenth of it is paid for always.')
  @minValue(1000)
  sharedMaximum: int
}

type dedicatedType = {
  mode: 'dedicated'
  @description('Most RU/s of the containers that share.')
  @minValue(1000)
  sharedMaximum: int
  @description('Most RU/s of each container with a budget of its own.')
  @minValue(1000)
  dedicatedMaximum: int
}

@export()
@description('Principal ids of the identities that use the store.')
type principalsType = {
  silo: string
  gateway: string
}

var list = loadJsonContent('../shared/containers.json')
var isServerless = throughput.mode == 'serverless'
var regions = concat([location], empty(secondRegion) ? [] : [secondRegion])

// A new activation of a grain has to see what another process has written: Session is not enough, since processes share no session. The bounds are the
// least that an account with two regions may have; in the region that is written to, a read sees every write.
resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    consistencyPolicy: { defaultConsistencyLevel: 'BoundedStaleness', maxStalenessPrefix: 100000, maxIntervalInSeconds: 300 }
    enableMultipleWriteLocations: false
    enableAutomaticFailover: length(regions) > 1
    locations: [for (region, i) in regions: { locationName: region, failoverPriority: i, isZoneRedundant: zoneRedundant }]
    capabilities: isServerless ? [{ name: 'EnableServerless' }] : []
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Disabled'
    networkAclBypass: 'None'
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: backup } }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'state-of-record'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'Holds every delivery. Take the lock away on purpose before the account.' }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: list.database
  tags: tags
  properties: {
    resource: { id: list.database }
    options: throughput.mode == 'serverless' ? {} : { autoscaleSettings: { maxThroughput: throughput.sharedMaximum } }
  }
}

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [
  for item in list.containers: {
    parent: database
    name: item.name
    tags: tags
    properties: {
      resource: {
        id: item.name
        partitionKey: { paths: [item.partitionKey], kind: 'Hash', version: 2 }
        indexingPolicy: {
          indexingMode: 'consistent'
          automatic: true
          includedPaths: map(item.indexed, path => { path: path })
          excludedPaths: [{ path: '/*' }]
        }
      }
      options: throughput.mode == 'dedicated' && item.throughput == 'dedicated' ? { autoscaleSettings: { maxThroughput: throughput.dedicatedMaximum } } : {}
    }
  }
]

// The built-in contributor may also run stored procedures and resolve conflicts; nothing here does.
resource writer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2024-11-15' = {
  parent: account
  name: guid(account.id, 'writer')
  properties: {
    roleName: 'Drone delivery writer'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [
      {
        dataActions: [
          'Microsoft.DocumentDB/databaseAccounts/readMetadata'
          'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/*'
          'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery'
        ]
      }
    ]
  }
}

resource reader 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2024-11-15' = {
  parent: account
  name: guid(account.id, 'reader')
  properties: {
    roleName: 'Drone delivery reader'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [
      {
        dataActions: [
          'Microsoft.DocumentDB/databaseAccounts/readMetadata'
          'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read'
          'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery'
        ]
      }
    ]
  }
}

var grants = flatten(map(list.containers, item => concat(
  map(item.writers, component => { container: item.name, component: component, role: 'writer' }),
  map(item.readers, component => { container: item.name, component: component, role: 'reader' })
)))

@batchSize(1)
resource access 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = [
  for grant in grants: {
    parent: account
    name: guid(account.id, grant.container, grant.component, grant.role)
    properties: {
      principalId: grant.component == 'silo' ? principals.silo : principals.gateway
      roleDefinitionId: grant.role == 'writer' ? writer.id : reader.id
      scope: '${account.id}/dbs/${list.database}/colls/${grant.container}'
    }
    dependsOn: [containers]
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [{ name: 'store', properties: { privateLinkServiceId: account.id, groupIds: ['Sql'] } }]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'store', properties: { privateDnsZoneId: privateZoneId } }] }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: account
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    // Not every request: what is asked most, what a partition takes, and who changed the account.
    logs: [
      { category: 'ControlPlaneRequests', enabled: true }
      { category: 'PartitionKeyStatistics', enabled: true }
    ]
    metrics: [{ category: 'Requests', enabled: true }]
  }
}

@description('Resource id of the account.')
output id string = account.id

@description('Chart value cosmos.accountEndpoint.')
output endpoint string = account.properties.documentEndpoint

@description('Chart value cosmos.databaseName.')
output databaseName string = database.name
