using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Sparkish.Architecture;

/// <summary>Collects the types of the same assembly that handles and signatures mention.</summary>
internal sealed class MentionedTypes(MetadataReader metadata) : ISignatureTypeProvider<ValueTuple, object?>
{
    public HashSet<TypeDefinitionHandle> Types { get; private set; } = [];

    public void Clear() => Types = [];

    public void Add(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes) Add(metadata.GetCustomAttribute(attribute).Constructor);
    }

    public void Add(EntityHandle handle)
    {
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                Types.Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
            case HandleKind.FieldDefinition:
                var field = metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Types.Add(field.GetDeclaringType());
                field.DecodeSignature(this, null);
                break;
            case HandleKind.MethodDefinition:
                var method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Types.Add(method.GetDeclaringType());
                method.DecodeSignature(this, null);
                break;
            case HandleKind.MemberReference:
                AddMember(metadata.GetMemberReference((MemberReferenceHandle)handle));
                break;
            case HandleKind.MethodSpecification:
                var specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(specification.Method);
                specification.DecodeSignature(this, null);
                break;
            case HandleKind.StandaloneSignature:
                metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(this, null);
                break;
        }
    }

    private void AddMember(MemberReference member)
    {
        Add(member.Parent);
        if (member.GetKind() == MemberReferenceKind.Field) member.DecodeFieldSignature(this, null);
        else member.DecodeMethodSignature(this, null);
    }

    ValueTuple ISimpleTypeProvider<ValueTuple>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        Types.Add(handle);
        return default;
    }

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    // All else is made of types that the decoder has shown already, or of other assemblies' types.
    ValueTuple ISimpleTypeProvider<ValueTuple>.GetPrimitiveType(PrimitiveTypeCode typeCode) => default;

    ValueTuple ISimpleTypeProvider<ValueTuple>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => default;

    ValueTuple ISZArrayTypeProvider<ValueTuple>.GetSZArrayType(ValueTuple elementType) => default;

    ValueTuple IConstructedTypeProvider<ValueTuple>.GetArrayType(ValueTuple elementType, ArrayShape shape) => default;

    ValueTuple IConstructedTypeProvider<ValueTuple>.GetByReferenceType(ValueTuple elementType) => default;

    ValueTuple IConstructedTypeProvider<ValueTuple>.GetGenericInstantiation(ValueTuple genericType, ImmutableArray<ValueTuple> typeArguments) => default;

    ValueTuple IConstructedTypeProvider<ValueTuple>.GetPointerType(ValueTuple elementType) => default;

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetFunctionPointerType(MethodSignature<ValueTuple> signature) => default;

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetGenericMethodParameter(object? genericContext, int index) => default;

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetGenericTypeParameter(object? genericContext, int index) => default;

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetModifiedType(ValueTuple modifier, ValueTuple unmodifiedType, bool isRequired) => default;

    ValueTuple ISignatureTypeProvider<ValueTuple, object?>.GetPinnedType(ValueTuple elementType) => default;
}
