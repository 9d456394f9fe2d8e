// Built-in roles by their name. The ids are the same in every tenant.

@export()
@description('Ids of the built-in Azure roles that are assigned here.')
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  acrPush: '8311e382-0749-4cb8-b61a-304f252e45ec'
  aksClusterAdmin: '0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8'
  aksClusterUser: '4abbcc35-e782-43d8-92c5-2d3f1bd2253f'
  aksContributor: 'ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8'
  aksRbacClusterAdmin: 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b'
  aksRbacReader: '7f6c6a51-bcf8-42ba-9220-52d62157d7db'
  aksRbacWriter: 'a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb'
  azureMapsSearchAndRender: '6be48352-4f82-47c9-ad5e-0acacefdb005'
  cosmosOperator: '230815da-be43-4aae-9cb4-875f7bd000aa'
  dnsZoneContributor: 'befefa01-2a29-4197-83a8-272ff33ce314'
  eventGridDataSender: 'd5a91429-5739-47e2-a06b-3470a27159e7'
  grafanaAdmin: '22926164-76b3-42b3-bc55-97df8dab3e41'
  keyVaultCertificateUser: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba'
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  managedIdentityOperator: 'f1a07417-d97a-45cb-824c-7a7467783830'
  monitoringDataReader: 'b0d8363b-8ddd-447d-831f-62ca05bff136'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7'
}
