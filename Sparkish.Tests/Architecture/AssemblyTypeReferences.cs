using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Sparkish.Tests.Architecture;

/// <summary>
/// All mentions of an assembly's types by its other types: bases, interfaces, constraints, fields, signatures, properties, events, attributes, locals
/// and the operands of method bodies. Nested and compiler-generated types count for the type that they stand in.
/// </summary>
internal sealed class AssemblyTypeReferences : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly MentionedTypes _mentioned;

    public AssemblyTypeReferences(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        _mentioned = new MentionedTypes(_metadata);
    }

    /// <summary>The names of the assemblies that this one references.</summary>
    public IEnumerable<string> ReferencedAssemblies =>
        _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name));

    public void Dispose() => _file.Dispose();

    public IEnumerable<TypeReference> Read()
    {
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var (fromNamespace, fromType) = OutermostName(handle);
            foreach (var mentioned in MentionedBy(_metadata.GetTypeDefinition(handle)))
            {
                var (toNamespace, toType) = OutermostName(mentioned);
                yield return new TypeReference(fromNamespace, fromType, toNamespace, toType);
            }
        }
    }

    private HashSet<TypeDefinitionHandle> MentionedBy(TypeDefinition type)
    {
        _mentioned.Clear();
        _mentioned.Add(type.BaseType);
        _mentioned.Add(type.GetCustomAttributes());
        AddConstraints(type.GetGenericParameters());
        foreach (var handle in type.GetInterfaceImplementations()) _mentioned.Add(_metadata.GetInterfaceImplementation(handle).Interface);
        foreach (var handle in type.GetProperties()) _mentioned.Add(_metadata.GetPropertyDefinition(handle).GetCustomAttributes());
        foreach (var handle in type.GetEvents()) _mentioned.Add(_metadata.GetEventDefinition(handle).Type);
        foreach (var handle in type.GetFields())
        {
            var field = _metadata.GetFieldDefinition(handle);
            field.DecodeSignature(_mentioned, null);
            _mentioned.Add(field.GetCustomAttributes());
        }

        foreach (var handle in type.GetMethods()) AddMethod(_metadata.GetMethodDefinition(handle));
        return _mentioned.Types;
    }

    private void AddMethod(MethodDefinition method)
    {
        method.DecodeSignature(_mentioned, null);
        _mentioned.Add(method.GetCustomAttributes());
        AddConstraints(method.GetGenericParameters());
        foreach (var handle in method.GetParameters()) _mentioned.Add(_metadata.GetParameter(handle).GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0) return;

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil) _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_mentioned, null);
        foreach (var region in body.ExceptionRegions) _mentioned.Add(region.CatchType);
        foreach (var token in IlTokens.In(body.GetILContent())) _mentioned.Add(MetadataTokens.EntityHandle(token));
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var parameter in parameters)
        {
            foreach (var constraint in _metadata.GetGenericParameter(parameter).GetConstraints())
                _mentioned.Add(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private (string Namespace, string Name) OutermostName(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (type.IsNested) type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        return (_metadata.GetString(type.Namespace), _metadata.GetString(type.Name));
    }
}
