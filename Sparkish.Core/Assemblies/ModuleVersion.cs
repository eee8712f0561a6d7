using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sparkish.Assemblies;

/// <summary>Reads the module version id of an assembly file without loading it.</summary>
internal static class ModuleVersion
{
    public static Guid Of(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        var metadata = reader.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }
}
