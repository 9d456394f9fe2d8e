import { tagsType } from '../shared/names.bicep'

metadata description = 'Virtual network of the cluster: a subnet for each kind of thing in it, one way out, and the names of private endpoints.'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the virtual network; the names of what belongs to it start with it.')
param name string

@description('Availability zones of the way out.')
param zones string[]

@description('Address ranges, in CIDR notation. The pods have ranges of their own, in the overlay.')
param ranges rangesType

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

@export()
@description('Address ranges of the virtual network.')
type rangesType = {
  @description('The whole virtual network.')
  network: string
  @description('Nodes; one address each.')
  nodes: string
  @description('API server of the cluster, which lives inside the network. At least /28.')
  apiServer: string
  @description('Internal load balancers of ingress.')
  ingress: string
  @description('Application Gateway for Containers. At least /24.')
  firewall: string
  @description('Private endpoints of the store, the vault and the registry.')
  privateEndpoints: string
}

var privateZones = [
  'privatelink.documents.azure.com'
  'privatelink.vaultcore.azure.net'
  'privatelink${environment().suffixes.acrLoginServer}'
]

resource egressAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${name}-egress-ip'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Regional' }
  zones: zones
  properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' }
}

resource egressAddressDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: egressAddress
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

// One way out for all nodes: partners can allow its address, and ports for outgoing connections do not run out.
resource egress 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${name}-egress'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { idleTimeoutInMinutes: 4, publicIpAddresses: [{ id: egressAddress.id }] }
}

var internetToWebPorts = {
  name: 'allow-web'
  properties: {
    description: 'HTTPS, and HTTP to be redirected, through the load balancer.'
    priority: 100
    direction: 'Inbound'
    access: 'Allow'
    protocol: 'Tcp'
    sourceAddressPrefix: 'Internet'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRanges: ['80', '443']
  }
}

var noInternet = {
  name: 'deny-internet'
  properties: {
    description: 'Nothing from outside.'
    priority: 4000
    direction: 'Inbound'
    access: 'Deny'
    protocol: '*'
    sourceAddressPrefix: 'Internet'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '*'
  }
}

var gatewayManagement = {
  name: 'allow-gateway-management'
  properties: {
    description: 'Application Gateway for Containers is steered and probed from there.'
    priority: 110
    direction: 'Inbound'
    access: 'Allow'
    protocol: 'Tcp'
    sourceAddressPrefix: 'GatewayManager'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '65200-65535'
  }
}

var subnets = [
  { name: 'nodes', range: ranges.nodes, rules: [internetToWebPorts], outbound: true, delegation: '' }
  { name: 'api-server', range: ranges.apiServer, rules: [noInternet], outbound: false, delegation: 'Microsoft.ContainerService/managedClusters' }
  { name: 'ingress', range: ranges.ingress, rules: [internetToWebPorts], outbound: false, delegation: '' }
  {
    name: 'firewall'
    range: ranges.firewall
    rules: [internetToWebPorts, gatewayManagement]
    outbound: false
    delegation: 'Microsoft.ServiceNetworking/trafficControllers'
  }
  { name: 'private-endpoints', range: ranges.privateEndpoints, rules: [noInternet], outbound: false, delegation: '' }
]

resource rules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = [
  for subnet in subnets: {
    name: '${name}-${subnet.name}'
    location: location
    tags: tags
    properties: { securityRules: subnet.rules }
  }
]

resource rulesDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for (subnet, i) in subnets: {
    name: 'monitor'
    scope: rules[i]
    properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
  }
]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [ranges.network] }
    subnets: [
      for (subnet, i) in subnets: {
        name: subnet.name
        properties: {
          addressPrefix: subnet.range
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
          networkSecurityGroup: { id: rules[i].id }
          natGateway: subnet.outbound ? { id: egress.id } : null
          delegations: empty(subnet.delegation) ? [] : [{ name: 'delegation', properties: { serviceName: subnet.delegation } }]
        }
      }
    ]
  }

  resource firewall 'subnets' existing = { name: 'firewall' }
  resource privateEndpoints 'subnets' existing = { name: 'private-endpoints' }
}

resource networkDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: network
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource privateNames 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in privateZones: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource privateNameLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, i) in privateZones: {
    parent: privateNames[i]
    name: name
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

@description('Name of the virtual network.')
output name string = network.name

@description('Resource id of the subnet of Application Gateway for Containers.')
output firewallSubnetId string = network::firewall.id

@description('Resource id of the subnet of private endpoints.')
output privateEndpointsSubnetId string = network::privateEndpoints.id

@description('Resource ids of the private DNS zones of the store, the vault and the registry, in this order.')
output privateZoneIds string[] = [for (zone, i) in privateZones: privateNames[i].id]
