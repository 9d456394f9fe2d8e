metadata description = 'Application Gateway for Containers with a web application firewall, as another way in than application routing.'

import { tagsType } from '../shared/names.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Ending of every name, such as drones-production.')
param suffix string

@description('Resource id of the subnet delegated to it.')
param subnetId string

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

resource rules 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2024-05-01' = {
  name: 'waf-${suffix}'
  location: location
  tags: tags
  properties: {
    // Telemetry of a ground station is the longest body that the API takes, in NDJSON: beyond what the firewall looks into.
    policySettings: { state: 'Enabled', mode: 'Prevention', requestBodyCheck: true, requestBodyEnforcement: false, maxRequestBodySizeInKb: 128 }
    managedRules: { managedRuleSets: [{ ruleSetType: 'Microsoft_DefaultRuleSet', ruleSetVersion: '2.1' }] }
  }
}

resource controller 'Microsoft.ServiceNetworking/trafficControllers@2025-01-01' = {
  name: 'agc-${suffix}'
  location: location
  tags: tags

  resource frontend 'frontends' = {
    name: 'public'
    location: location
    tags: tags
    properties: {}
  }

  resource association 'associations' = {
    name: 'nodes'
    location: location
    tags: tags
    properties: { associationType: 'subnets', subnet: { id: subnetId } }
  }

  resource security 'securityPolicies' = {
    name: 'waf'
    location: location
    tags: tags
    properties: { wafPolicy: { id: rules.id } }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: controller
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Host name that the public name of the application has to lead to.')
output frontendHostName string = controller::frontend.properties.fqdn
