using DroneDelivery.Gateway.Resources;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace DroneDelivery.Gateway.Hosting;

/// <summary>The OpenAPI document and the page to browse it.</summary>
internal static class ApiDocument
{
    private const string Title = "Drone Delivery";

    /// <summary>Adds the document of all routes under <c>/api</c>.</summary>
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(document =>
    {
        document.ShouldInclude = route => route.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        document.AddDocumentTransformer((openApi, _, _) =>
        {
            openApi.Info = new OpenApiInfo
            {
                Title = Title,
                Version = "1",
                Description = "Ask for a delivery, follow it, fly it. Every path also answers under /v1 and /v0.1.0. "
                    + "Refusals are RFC 9457 problem details; their type is stable, errors names fields.",
            };
            return Task.CompletedTask;
        });
        document.AddSchemaTransformer((schema, context, _) =>
        {
            // What may be null may be left out.
            foreach (var property in context.JsonTypeInfo.Properties)
            {
                if (property.IsGetNullable) schema.Required?.Remove(property.Name);
            }

            if (context.JsonTypeInfo.Type == typeof(PlaceText))
            {
                schema.Type = null;
                schema.Properties = null;
                schema.Required = null;
                schema.OneOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String, Description = "An address, or \"altitude,latitude,longitude\"." },
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["latitude"] = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
                            ["longitude"] = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
                            ["altitude"] = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
                        },
                        Required = new HashSet<string> { "latitude", "longitude" },
                    },
                ];
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>Maps <c>/openapi/v1.json</c> and <c>/scalar</c>. The page loads nothing from elsewhere.</summary>
    public static WebApplication MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/scalar", page => page
            .WithTitle(Title)
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()).AllowAnonymous();
        return app;
    }
}
