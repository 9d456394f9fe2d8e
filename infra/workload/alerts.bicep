metadata description = 'What somebody is woken for: the store from metrics that Azure has by itself, the application from what its pods measure.'

import { tagsType } from '../shared/names.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Ending of every name, such as drones-production.')
param suffix string

@description('Resource id of the store.')
param storeId string

@description('Resource id of the vault.')
param vaultId string

@description('Resource id of the action group that is notified.')
param actionGroupId string

@description('Resource id of the store of Prometheus metrics.')
param prometheusId string

@description('Region of that store.')
param location string

@description('Whether they are on.')
param enabled bool

var alerts = [
  {
    name: 'store-throttled'
    description: 'More than 100 requests of the store were refused for lack of throughput within 15 minutes. Runbook: docs/operations.md, "A throttled store".'
    severity: 2
    resource: storeId
    metric: 'TotalRequests'
    dimensions: [{ name: 'StatusCode', operator: 'Include', values: ['429'] }]
    operator: 'GreaterThan'
    threshold: 100
    aggregation: 'Count'
    window: 'PT15M'
  }
  {
    name: 'store-unavailable'
    description: 'The store answers fewer than 99.9 % of requests. Runbook: docs/operations.md, "A throttled store".'
    severity: 1
    resource: storeId
    metric: 'ServiceAvailability'
    dimensions: []
    operator: 'LessThan'
    threshold: json('99.9')
    aggregation: 'Average'
    window: 'PT1H' // Azure measures it once an hour.
  }
  {
    name: 'store-hot'
    description: 'A partition of the store uses nearly all of its throughput. Runbook: docs/operations.md, "A throttled store".'
    severity: 3
    resource: storeId
    metric: 'NormalizedRUConsumption'
    dimensions: []
    operator: 'GreaterThan'
    threshold: 90
    aggregation: 'Maximum'
    window: 'PT15M'
  }
  {
    name: 'vault-unavailable'
    description: 'The vault answers fewer than 99 % of requests: pods that start now may lack their secrets. Runbook: docs/operations.md, "Keys".'
    severity: 2
    resource: vaultId
    metric: 'Availability'
    dimensions: []
    operator: 'LessThan'
    threshold: 99
    aggregation: 'Average'
    window: 'PT15M'
  }
]

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: '${alert.name}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: enabled
      scopes: [alert.resource]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: alert.name
            criterionType: 'StaticThresholdCriterion'
            metricName: alert.metric
            dimensions: alert.dimensions
            operator: alert.operator
            threshold: alert.threshold
            timeAggregation: alert.aggregation
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

resource measured 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = {
  name: 'application-${suffix}'
  location: location
  tags: tags
  properties: {
    description: 'What silos and gateways measure.'
    scopes: [prometheusId]
    enabled: enabled
    interval: 'PT1M'
    rules: [
      {
        alert: 'SupervisorShardNearlyFull'
        expression: 'max(dronedelivery_supervision_fullest) > 0.7'
        for: 'PT5M'
        severity: 2
        annotations: { description: 'A supervisor shard has taken over 70 % of the requests that it can watch; a full one refuses orders. Runbook: docs/operations.md, "Metrics".' }
        actions: [{ actionGroupId: actionGroupId }]
        resolveConfiguration: { autoResolved: true, timeToResolve: 'PT10M' }
      }
    ]
  }
}
